"""From claims to numbers: plan, seeds, blocks, executors and the run that ties them together."""
