"""The API: the page's questions for programs, with its scopes, and the description that is made of what serves them."""
