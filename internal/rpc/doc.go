// Package rpc is the gRPC edge that all processes share: one kind of server, one pool of
// client connections, and the interceptors on both, which say in metadata who calls whom
// and write the log lines of every call. It knows no message of the protocol.
//
//	caller                                              callee
//	Pool -> outgoing metadata -> "sends" line  ~~~~>  cluster check -> "runs" line -> handler
//	     <- completion line                    <~~~~  completion line <- panic recovery <-
//
// The defaults of grpc-go suit a web service: they back off for two minutes, and take
// megabytes from anybody. A failure detector must reach a returned peer within a second
// and must not be drowned by a broken one; each setting in server.go and pool.go that
// departs from the default says why.
package rpc
