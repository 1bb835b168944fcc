"""From numbers to estimates: exponents with intervals for every form of data.

Plain functions on arrays, vectorised over leading dimensions; nothing here knows of claims.
"""
