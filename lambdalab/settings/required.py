"""What production does not start without."""

from lambdalab.settings.env import Environment


def missing(env: Environment) -> list[str]:
    """One sentence for each thing that production cannot do without.

    Run workers answer no page: they get neither the key of the sign-ins nor the site's database role. Building the
    image (static files) needs nothing.
    """
    if env.part == "build":
        return []
    site = env.part == "site"
    wishes = {
        "LAMBDALAB_SECRET_KEY needs at least 50 random characters": len(env.secret_key) >= 50 or not site,
        "LAMBDALAB_HOSTS needs the host names that students type": bool(env.hosts) or not site,
        "LAMBDALAB_DATABASE_URL needs the address of a PostgreSQL database": bool(env.database_url),
        "LAMBDALAB_REDIS_URL needs the address of a Redis server": bool(env.redis_url),
        "LAMBDALAB_SANDBOX_SOCKET needs the path of sandboxd's socket": bool(env.sandbox_socket),
        "LAMBDALAB_HOME needs the folder of the jail's runtime and code": bool(env.home),
        "LAMBDALAB_DEBUG must be off": not env.debug,
    }
    return [wish for wish, granted in wishes.items() if not granted]
