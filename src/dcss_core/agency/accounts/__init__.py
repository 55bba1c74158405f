"""The verbs of whoever has an account: register, sign in, sessions, credentials, second factors."""
