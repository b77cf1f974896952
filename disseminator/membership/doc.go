// Package membership is the pure core of the disseminator: the membership table and
// everything that changes it.
//
// A failure, seen by node A's detector (arrows are RPCs, names in brackets):
//
//	detector A  ->[Disseminate: unreachable B]-> A      the verdict of one observer
//	A ->[Disseminate: accusation]-> B                   the accused is told first
//	A <-[B alive, incarnation + 1]- B ->[Disseminate]-> everybody    it refutes: nothing happened
//	A  (no answer, or "my detector is down")            nobody speaks for B:
//	A ->[Disseminate: B failed]-> every live member     said once, to all, at once
//
// A crash, seen by two observers (crash.go):
//
//	detector A  ->[Disseminate: crash seen]-> A         its connection was closed, fresh ones are refused
//	A ->[knock]-> B                                     so are those to its other half
//	W ->[confirmation: crash seen]-> A                  W has found the same
//	A ->[Disseminate: B failed, crashed]-> everybody    at once, without a suspicion
//
// The same in a large cluster, through heads of ranges of members (heads.go, serve.go):
//
//	A ->[Disseminate: B failed, serve R]-> H            about sqrt(n) heads, each with its range
//	H ->[Disseminate: B failed]-> the members in R      its own row, to all that it knows there
//	A <-[served]- H                                     not in time: the next member in R is head
//
// A join, of node J through bootstrap node B:
//
//	J ->[Join]-> B ->[Sync]-> J                         B reaches J's disseminator,
//	detector B ->[Ping]-> detector J                    and B's detector reaches J's
//	J <-[the current table]- B ->[Disseminate: J]-> every live member
//
// The intuition: one process on each node owns the table, and this is it. Its detector
// only reports; applications only read. A record is a claim with a version (incarnation)
// that its subject alone may raise, so the accused always has the last word, and any two
// tables that have seen the same records are equal. Believing a record is a second,
// separate question, answered in admission.go.
//
// A node becomes a member when a live member has met it at both its ports. Until then it
// is a contact: listed as such, retried for ever, and never failed for being late.
//
// The core does no I/O and has no clock; see package probe for the manner of it.
package membership
