// Package bcast measures how news gets to all members: what one push costs on real sockets,
// what time that leaves for a broadcast at the least, and how many messages and how much time
// the disseminators need in the simulator, told directly and through heads.
//
//	make bench-broadcast
package bcast
