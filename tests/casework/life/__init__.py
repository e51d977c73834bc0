"""The whole life of a case, subject by subject, tested as an unfriendly office would."""
