"""What the tests in namespaces share. Imports nothing of the project's code."""
