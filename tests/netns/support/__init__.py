# SPDX-License-Identifier: GPL-2.0-only
"""What the tests in namespaces share. Imports nothing of the project's code."""
