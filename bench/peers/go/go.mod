module handoff/peer

go 1.18
