// Package config reads the environment of a node: once, strictly, and with everything that
// is wrong said at once.
//
// Both halves of a node are started with the same environment, so there is one Config for
// the pair. It is the only package that knows envconfig, and it lets envconfig do one thing:
// find the variables by the names of the fields and hand over their text. What the text means
// is decided here, because envconfig takes an empty variable for a set one, reads 010 as
// eight, keeps the blanks in lists, and stops at the first fault.
//
// The table in variables.go is the one place that says what each variable is for. The docs,
// the help text and the defaults come from it.
package config
