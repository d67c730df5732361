"""An Office file as it lies on disk: a zip of parts and the relationships between them."""
