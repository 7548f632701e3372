"""How bets are settled: rules, markets, bets as the bots write them, and when a match may settle them. Pure."""
