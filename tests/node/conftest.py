"""Three enrolled nodes for the tests of a node, as for those of the desk."""

from tests.desk.conftest import three

__all__ = ("three",)
