"""The schema's revisions, ordered by `down_revision`; a new one is a new file here, no more."""
