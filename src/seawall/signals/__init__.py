"""What finds: one room of signals, each a pure function from facts to findings with reasons."""
