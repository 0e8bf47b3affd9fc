"""Who may act for whom, and what a password, a link and a pause must be; pure."""
