"""A module that does not load, as a plug-in's may."""

raise RuntimeError("this plug-in\nwas written for another version")
