// Package wire is the trust boundary: the only place that knows both vocabularies, swim
// (plain Go values) and swimpb (generated messages).
//
// Into the process: a Parse function per message takes what a peer sent, checks every
// rule of swim.proto, and returns plain values. What passes is good, so that the cores
// need not look again; what does not pass is a *FieldError that names the field. Rules
// that need the receiver's table (is this member known? may it be believed?) are not
// checked here.
//
// Out of the process: the Proto method of the same value. Messages are always built anew
// from values, never forwarded, so nothing that we do not understand travels on.
//
//	peer --bytes--> swimpb.PingRequest --ParsePing--> wire.Ping --> core
//	peer <--bytes-- swimpb.PingResponse <--Proto-- wire.PingAnswer <-- core
//
// A message with only the seed's fields is valid: what it leaves out has the zero value,
// and an optional row that was not sent is a swim.Member with an empty ID.
//
// Values share maps with the messages that they came from or go to; neither is changed
// afterwards (see swim.Member.Clone).
package wire
