"""What is read from the folders on the path is what the standard library finds there."""

import importlib.metadata
import sys
import zipfile

import pytest

from dcss_core.errors import PluginError
from dcss_core.plugins import StorageBackend, load_plugins
from dcss_core.plugins.installed import NamedPlugin, as_named, named_plugins, object_named


def by_the_standard_library() -> list[NamedPlugin]:
    groups = [
        each for each in importlib.metadata.entry_points().groups if each.partition(".")[0] == "dcss_core"
    ]
    return [each for group in groups for each in as_named(importlib.metadata.entry_points(group=group))]


def found_in_both_ways() -> list[NamedPlugin]:
    """The entry points, which both ways have to agree about, with who stands behind each."""

    def said(plugins):
        return sorted(
            (each.group, each.name, each.value, each.distribution, each.owner()) for each in plugins
        )

    found = named_plugins()
    assert said(found) == said(by_the_standard_library())
    return list(found)


def test_what_is_installed_here_is_found():
    assert found_in_both_ways()


def test_several_groups_and_distributions_are_found(site):
    site.install_storage("dcss-core-one", "one")
    site.install("dcss.core_Two", "", entry_points={"dcss_core.v2": ("a", "b"), "console_scripts": ("x",)})
    site.install("dcss-core-none", "", entry_points={"dcss_coreless.v1": ("c",)})

    assert {(each.group, each.name, each.distribution) for each in found_in_both_ways()} == {
        ("dcss_core.v1", "one", "dcss-core-one"),
        ("dcss_core.v2", "a", "dcss-core-two"),
        ("dcss_core.v2", "b", "dcss-core-two"),
    }


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "[dcss_core.v1]\n# a remark\n\n  webhook+http  =  planted : plugin.inner [extra]  \n",
            ["webhook+http"],
        ),
        ("[console_scripts]\nx = y\n[dcss_core.v1]\nUS-GA=planted\n[other]\nz = y\n", ["US-GA"]),
        ("\ufeff", []),
        ("dcss_core.v1\nname without a section\n", []),
        ("", []),
    ],
)
def test_entry_points_are_read_however_they_are_written(site, text, names):
    site.install_storage("dcss-core-one", "one")
    (site.folder / "dcss_core_one-1.0.dist-info" / "entry_points.txt").write_text(text, encoding="utf-8")

    assert [each.name for each in found_in_both_ways()] == names


def test_of_two_versions_the_first_on_the_path_counts(site, monkeypatch, tmp_path):
    site.install_storage("dcss-core-one", "one")
    earlier = tmp_path / "earlier"
    earlier.mkdir()
    metadata = earlier / "Dcss_core_one-2.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: Dcss-core-one\nVersion: 2.0\n")
    monkeypatch.setattr(sys, "path", [str(earlier), *sys.path])

    assert found_in_both_ways() == []


def test_a_distribution_of_an_older_kind_is_found(site):
    metadata = site.folder / "dcss_core_old.egg-info"
    metadata.mkdir()
    (metadata / "PKG-INFO").write_text(
        "Metadata-Version: 1.0\nName: dcss-core-old\nVersion: 0.9\n\nName: x\n"
    )
    (metadata / "entry_points.txt").write_text("[dcss_core.v1]\nold = planted\n")

    [found] = found_in_both_ways()
    assert found.owner() == ("dcss-core-old", "0.9")


def test_a_zip_file_on_the_path_is_read_too(site, monkeypatch, tmp_path):
    archive = tmp_path / "packed.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("dcss_core_zip-3.0.dist-info/METADATA", "Name: dcss-core-zip\nVersion: 3.0\n")
        packed.writestr("dcss_core_zip-3.0.dist-info/entry_points.txt", "[dcss_core.v1]\nzipped = planted\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(archive)])

    [found] = found_in_both_ways()
    assert (found.name, found.owner()) == ("zipped", ("dcss-core-zip", "3.0"))


def test_a_finder_of_somebody_else_s_is_asked(site, monkeypatch, tmp_path):
    apart = tmp_path / "apart" / "dcss_core_far-1.0.dist-info"
    apart.mkdir(parents=True)
    (apart / "METADATA").write_text("Name: dcss-core-far\nVersion: 1.0\n")
    (apart / "entry_points.txt").write_text("[dcss_core.v1]\nfar = planted\n")

    class Finder(importlib.metadata.DistributionFinder):
        def find_distributions(self, context):
            return [importlib.metadata.Distribution.at(apart)]

        def find_spec(self, *asked):
            return None

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder()])

    assert [each.name for each in found_in_both_ways()] == ["far"]


@pytest.mark.parametrize("missing", ["METADATA", "entry_points.txt"])
def test_a_distribution_without_one_of_its_files_stops_nothing(site, missing):
    site.install_storage("dcss-core-one", "one")
    (site.folder / "dcss_core_one-1.0.dist-info" / missing).unlink()

    assert [(each.name, each.owner()[1]) for each in named_plugins()] == (
        [("one", None)] if missing == "METADATA" else []
    )


def test_a_folder_that_is_gone_stops_nothing(site, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path, str(site.folder / "gone")])

    assert found_in_both_ways() == []


def test_who_stands_behind_a_plugin_is_not_read_until_it_is_asked(site):
    site.install_storage("dcss-core-one", "one")
    site.install_storage("dcss-core-two", "two")
    (site.folder / "dcss_core_two-1.0.dist-info" / "METADATA").unlink()
    registry = load_plugins(chosen=[(StorageBackend, "one")])
    (site.folder / "dcss_core_two-1.0.dist-info" / "METADATA").write_text("Name: dcss-core-two\nVersion: 7\n")

    assert [str(each.origin) for each in registry.unused] == ["dcss-core-two 7 (entry point 'two')"]


@pytest.mark.parametrize(("value", "named"), [("os", "os"), ("os:path.sep", "/"), ("os : path [x]", "posix")])
def test_a_value_names_a_module_or_an_object_in_one(value, named):
    found = object_named(value)

    assert found == named or named in found.__name__


@pytest.mark.parametrize("value", ["", "os path", "os:", "os:path:sep"])
def test_a_value_that_names_nothing_is_told_as_the_plugin_s_fault(value):
    lost = importlib.metadata.EntryPoint("lost", value, "dcss_core.v1")

    with pytest.raises(PluginError, match="is neither a module nor an object in one"):
        load_plugins(entry_points=[lost])


def test_an_egg_on_the_path_is_read_too(site, monkeypatch, tmp_path):
    metadata = tmp_path / "dcss_core_egg-4.0-py3.11.egg" / "EGG-INFO"
    metadata.mkdir(parents=True)
    (metadata / "PKG-INFO").write_text("Name: dcss-core-egg\nVersion: 4.0\n")
    (metadata / "entry_points.txt").write_text("[dcss_core.v1]\negg = planted\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(metadata.parent)])

    assert [each.name for each in found_in_both_ways()] == ["egg"]
