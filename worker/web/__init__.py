"""Pages and feeds over HTTP: each module gives its routes, as `routes(tools)`."""
