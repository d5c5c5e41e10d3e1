"""What both servers share: routes to an ASGI application, problem documents, tokens, OpenAPI."""
