"""Rules of the archive package: its bytes as a ZIP file, its parts and manifest, its page for people."""
