"""Three enrolled nodes for the tests of a node, as for those of the desk."""

from tests.desk.conftest import enrolled, three

__all__ = ("enrolled", "three")
