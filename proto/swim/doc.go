// Package swim is the vocabulary that every part of the system shares: the names of
// nodes and addresses, the states of a member, its record, and the order in which two
// records of one member supersede each other. Standard library only; no I/O, no clock.
//
// The words are those of the papers. A node is the pair of a detector and a
// disseminator; a member is a row of a node's table; a record is what that row says.
//
// Sources: SWIM is "SWIM: Scalable Weakly-consistent Infection-style Process Group
// Membership Protocol" (Das, Gupta, Motivala, 2002). Lifeguard is "Lifeguard: Local
// Health Awareness for More Accurate Failure Detection" (Dadgar, Phillips, Currey, 2018).
package swim
