"""What holds for every test of the checkout, the plugins' too."""

from hypothesis import settings

# a slow machine is no finding: time never decides whether a property holds
settings.register_profile("house", settings.default, deadline=None)
settings.load_profile("house")
