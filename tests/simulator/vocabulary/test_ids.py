import random
import uuid

from lambdalab.simulator.vocabulary.ids import hex_from, uuid4_from


def test_a_uuid_is_the_one_that_pythons_own_makes_of_the_same_bits() -> None:
    ours, theirs = random.Random(3), random.Random(3)
    for _ in range(1_000):
        assert uuid4_from(ours) == str(uuid.UUID(int=theirs.getrandbits(128), version=4))


def test_digits_are_padded_to_their_number() -> None:
    assert all(len(hex_from(random.Random(seed), 2)) == 2 for seed in range(50))
