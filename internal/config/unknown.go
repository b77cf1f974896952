package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

const prefix = "SWIM_"

var (
	// serviceLink matches names that Kubernetes puts into every pod's environment for a
	// Service called swim or swim-something. No variable of ours has such a name.
	serviceLink = regexp.MustCompile(`^SWIM_(.+_)?(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$`)
	// servicePort and its value are such a link as well; SWIM_PORT=50051 is a mistake.
	servicePort  = regexp.MustCompile(`^SWIM_(.+_)?PORT$`)
	servicePoint = regexp.MustCompile(`^(tcp|udp|sctp)://`)
)

// unknownVariables finds the SWIM_ variables that nobody reads: each is a typo that would
// otherwise be a setting silently not in force. Those that Kubernetes made are only warned of.
func (p *parser) unknownVariables(set map[string]string) (warnings []string) {
	var links []string
	for _, name := range slices.Sorted(maps.Keys(set)) {
		switch {
		case !strings.HasPrefix(name, prefix) || known(name):
		case serviceLink.MatchString(name), servicePort.MatchString(name) && servicePoint.MatchString(set[name]):
			links = append(links, name)
		default:
			// The value is not shown: whoever mistypes the name of a secret must not
			// find it in a log.
			p.fault(name, "", "unknown variable", suggestion(name))
		}
	}
	if len(links) > 0 {
		warnings = append(warnings, "ignored "+strings.Join(links, ", ")+
			": Kubernetes makes them for a Service called swim or swim-...; set enableServiceLinks: false in the pod's spec")
	}
	return warnings
}

func known(name string) bool {
	return slices.ContainsFunc(variables, func(v variable) bool { return v.name == name })
}

// suggestion is the known variable that name is nearest to, if it is near to one at all.
// The prefix does not count, so SWIM_NODE_ID leads to NODE_ID.
func suggestion(name string) string {
	typed := strings.TrimPrefix(name, prefix)
	best, bestDistance := "", 0
	for _, v := range variables {
		meant := strings.TrimPrefix(v.name, prefix)
		distance := editDistance(typed, meant)
		if distance <= len(meant)/2 && (best == "" || distance < bestDistance) {
			best, bestDistance = v.name, distance
		}
	}
	if best == "" {
		return "unset it, or take its name from docs/CONFIG.md"
	}
	return "did you mean " + best + "?"
}

// editDistance is the number of bytes to insert, delete or replace to turn a into b.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
