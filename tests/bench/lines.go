package bench

import (
	"strconv"
	"strings"
)

// said is what a line of a peer's output says of a member.
type said struct {
	member int
	state  state
}

// The events of memberlist's EventDelegate, as tests/cmd/memberlist prints them, and those of
// the serf agent's log. An update changes no state, and a reaped member is gone already.
var (
	memberlistStates = map[string]state{"join": alive, "leave": gone}
	serfStates       = map[string]state{"EventMemberJoin": alive, "EventMemberFailed": failed, "EventMemberLeave": left}
)

// parseMemberlist reads "2026-11-26T17:06:49.123Z leave 3".
func parseMemberlist(line string) (said, bool) {
	words := strings.Fields(line)
	if len(words) != 3 {
		return said{}, false
	}
	return about(words[2], memberlistStates[words[1]])
}

// parseSerf reads "    2026/11/26 17:06:49 [INFO] serf: EventMemberFailed: 3 127.0.99.3".
func parseSerf(line string) (said, bool) {
	_, message, found := strings.Cut(line, " serf: ")
	name, rest, ended := strings.Cut(message, ": ")
	if !found || !ended {
		return said{}, false
	}
	name = strings.TrimSuffix(name, " (forced)")
	member, _, _ := strings.Cut(rest, " ")
	return about(member, serfStates[name])
}

// about a member, whose name is its id in decimal.
func about(name string, s state) (said, bool) {
	id, err := strconv.Atoi(name)
	return said{member: id, state: s}, err == nil && id > 0 && s != unknown
}
