"""What the cache stores is JSON: a cache that unpickles would run whatever somebody put into Redis."""

import json


class JsonSerializer:
    """Serialiser of Django's Redis cache; plain integers stay plain so that Redis can count with them."""

    def dumps(self, value: object) -> int | bytes:
        return value if type(value) is int else json.dumps(value).encode()

    def loads(self, data: bytes) -> object:
        return json.loads(data)
