"""Who the users are: names, e-mail addresses and teams."""
