// Package bench runs clusters of real processes, of ours and of its peers, does the same to each
// of them, and measures what their nodes say about it and what it costs.
//
//	launcher  how a node of a system is started (ours.go, peers.go)
//	board     what each node says of each other one, as lines or stream messages arrive
//	group     a running cluster: processes, board, and how it comes to rest again
//	faults    what is done to a group, and what its nodes should say then
//	Report    tables, CSV files, pictures, and whether the targets are met
//
// Times are from just before the signal until the word of an observer arrives here, for every
// system. Ours tells it on the WatchMembers stream that applications use, the others on stdout,
// which costs them less. Nothing here knows how any of them finds out.
package bench
