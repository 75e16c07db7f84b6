import secretly


def main() -> None:
    print(secretly.WORD)
