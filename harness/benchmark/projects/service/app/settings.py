"""The settings, from the environment."""

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Variables that begin with `SERVICE_`."""

    model_config = SettingsConfigDict(env_prefix="SERVICE_")

    host: str = "0.0.0.0"
    port: int = 8000
