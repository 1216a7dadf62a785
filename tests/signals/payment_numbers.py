"""Numbers that specifications and schemes publish as examples: nobody's money."""

BITCOIN = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"  # BIP 173
TAPROOT = "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"  # BIP 350
GENESIS = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"  # of Bitcoin's first block
ETHEREUM = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"  # EIP-55
TRON = "TNPeeaaFB7K9cmo4uQpcU32zGK8G1NYqeL"  # TRON's own documentation
MONERO = (  # of the Monero project
    "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A"
)
CARD = "4000 0012 3456 7899"  # by Luhn's digit alone
IBAN = "GB82 WEST 1234 5698 7654 32"  # ISO 13616's example
