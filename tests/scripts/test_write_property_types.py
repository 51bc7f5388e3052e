from scripts.write_property_types import PAGE, written


def test_the_types_of_properties_are_those_of_awss_schemas() -> None:
    assert PAGE.read_text() == written(), "run: python -m scripts.write_property_types"
