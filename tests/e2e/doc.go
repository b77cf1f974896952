// Package e2e runs the real binaries as real processes and plays what people and machines
// do to them: starting in any order, killing, stopping, wrong settings, taken ports,
// strangers on the port. Each test has loopback addresses of its own.
//
// A test waits for events, with a deadline, and never for a time. Where time is part of
// the input (a node that starts seconds after the others), it says so.
package e2e
