"""Finite elements of degree k have an L2 error of order h^(k + 1)."""

from ratecheck import Axis, Claim, Falsifier, Rate

claim = Claim(
    title="Linear and quadratic finite elements have L2 errors h^2 and h^3",
    source="Brenner & Scott, The Mathematical Theory of Finite Element Methods, Springer 2008, "
    "Theorem 5.4.8",
    statement=r"\| u - u_h \|_{L_2} \le C h^{k + 1} | u |_{H^{k + 1}}",
    symbols={"h": "mesh size, 1/N", "N": "elements on a side", "k": "degree"},
    not_shown=["corners that spoil the regularity of the dual problem"],
)


def dirichlet(element, N, exact):
    """L2 error for the Laplace equation on the square with the boundary values of a solution."""
    import numpy as np
    import skfem
    from skfem.models.poisson import laplace

    side = np.linspace(0, 1, N + 1)
    basis = skfem.Basis(skfem.MeshTri.init_tensor(side, side), element, intorder=8)
    matrix = laplace.assemble(basis)
    values = exact(*basis.doflocs)
    solution = skfem.solve(*skfem.condense(matrix, x=values, D=basis.get_dofs()))
    error = skfem.Functional(lambda w: (w.u - exact(*w.x)) ** 2)
    return float(np.sqrt(error.assemble(basis, u=basis.interpolate(solution))))


def smooth(x, y):
    import numpy as np

    return np.exp(x) * np.sin(y)


def rough(x, y):
    """The real part of sqrt(x + i y), which has a singularity in the corner."""
    import numpy as np

    return np.sqrt(np.hypot(x, y) + x)


def errors(element, N):
    return {"error": dirichlet(element, N, smooth), "rough": dirichlet(element, N, rough)}


@claim.experiment(
    Axis.geometric("N", quick=(2**1, 2**6)),
    checks=[
        Rate(
            "error",
            "N**(-2)",
            margin=0.4,
            fails=[Falsifier("a singular solution", quantity="rough")],
        ),
        Rate("error", "1/N", margin=0.4, name="wrong-order-of-the-gradient"),
    ],
    data="exact",
    real=["the finite element solution, by scikit-fem"],
    proxied=[],
)
def linear(N):
    """The Laplace equation on the unit square, degree 1."""
    import skfem

    return errors(skfem.ElementTriP1(), N)


@claim.experiment(
    Axis("N", quick=[2, 3, 4, 6, 8, 12, 16, 24]),
    checks=[
        Rate(
            "error",
            "N**(-3)",
            margin=0.4,
            fails=[Falsifier("a singular solution", quantity="rough")],
        ),
        Rate("error", "N**(-2)", margin=0.4, name="wrong-order-of-the-gradient"),
    ],
    data="exact",
    real=["the finite element solution, by scikit-fem"],
    proxied=[],
)
def quadratic(N):
    """The Laplace equation on the unit square, degree 2."""
    import skfem

    return errors(skfem.ElementTriP2(), N)
