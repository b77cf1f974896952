// Package virtual runs whole nodes (both services, real gRPC, real protobuf, real
// interceptors) in virtual time: bufconn instead of TCP, testing/synctest instead of a
// clock. Minutes of a cluster's life cost milliseconds, and no test waits for anything.
//
// A schedule that is a script (tests/sim/script.go has the words) is played to a Net as to
// the simulator, with Play, and judged by the same auditor, with Audit.
//
// Use it besides for what package sim cannot see: the contract on the wire, log lines, metadata,
// streams, limits, and how the services stop. Everything has to happen inside one
// synctest bubble:
//
//	virtual.Run(t, func(net *virtual.Net) {
//		n := net.Start(1, virtual.Options{Members: []int{1, 2, 3}})
//		time.Sleep(time.Minute) // of virtual time
//		...
//	})
package virtual
