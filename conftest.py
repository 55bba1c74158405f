"""What holds for every test of the checkout, the plugins' too."""

from hypothesis import Phase, settings

# a slow machine is no finding: time never decides whether a property holds
settings.register_profile("house", settings.default, deadline=None)
settings.load_profile("house")

# A mutant is dead with the first example that fails; which is the smallest one takes minutes to find.
settings.register_profile(
    "mutants", settings.get_profile("ci"), deadline=None, phases=(Phase.explicit, Phase.generate)
)
