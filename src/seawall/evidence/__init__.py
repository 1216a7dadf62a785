"""Evidence: sealed before anything is done, opened only by the custodian, each step of custody written down."""
