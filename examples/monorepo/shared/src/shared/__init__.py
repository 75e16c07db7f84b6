def everybody() -> list[str]:
    return ["Ada", "Grace"]
