"""SFTP for partners: keys only, a virtual root each, and nothing of this machine's files."""
