"""The worker."""

if __name__ == "__main__":
    print("waiting for orders")
