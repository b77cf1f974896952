package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// parser turns the text of variables into values and collects the faults. After a fault the
// value is the zero value, so that reading goes on and finds the others.
type parser struct {
	faults Faults
}

func (p *parser) fault(variable, value, problem, cure string) {
	p.faults = append(p.faults, Fault{Variable: variable, Value: value, Problem: problem, Cure: cure})
}

// sound reports whether none of the variables has a fault.
func (p *parser) sound(names ...string) bool {
	return !slices.ContainsFunc(p.faults, func(f Fault) bool { return slices.Contains(names, f.Variable) })
}

// textOf a variable: blanks around it do not count, and nothing is as good as unset.
func textOf(name, raw string) string {
	if text := strings.TrimSpace(raw); text != "" {
		return text
	}
	return presetOf(name)
}

// entries of a comma-separated list; empty ones come from templates and mean nothing.
func entries(raw string) []string {
	var list []string
	for entry := range strings.SplitSeq(raw, ",") {
		if entry = strings.TrimSpace(entry); entry != "" {
			list = append(list, entry)
		}
	}
	return list
}

func (p *parser) nodeID(raw string, ask func(string) (string, error)) int {
	const cure = "set NODE_ID to this node's number, e.g. NODE_ID=1"
	text := textOf("NODE_ID", raw)
	if text == "" {
		if ask == nil {
			p.fault("NODE_ID", "", "not set, and there is no terminal to ask at", cure)
			return 0
		}
		var err error
		if text, err = askNodeID(ask); text == "" {
			problem := "not set, and the question for it was not answered"
			if err != nil {
				problem += " (" + err.Error() + ")"
			}
			p.fault("NODE_ID", "", problem, cure)
			return 0
		}
	}
	id, problem := decimal(text, 1, MaxNodeID)
	if problem != "" {
		p.fault("NODE_ID", text, problem, cure)
	}
	return id
}

// questions is how often a person is asked for the node id before the node gives up.
const questions = 3

// askNodeID asks again after a wrong answer, and says what was wrong. It returns the last
// answer, right or wrong, and why no other could be had.
func askNodeID(ask func(string) (string, error)) (text string, err error) {
	wrong := ""
	for range questions {
		var answer string
		answer, err = ask(wrong + "Node id (1, 2, 3, ...): ")
		text = strings.TrimSpace(answer)
		_, problem := decimal(text, 1, MaxNodeID)
		if problem == "" || err != nil {
			break
		}
		wrong = fmt.Sprintf("%q is %s.\n", text, problem)
		if text == "" {
			wrong = "A number is needed.\n"
		}
	}
	return text, err
}

func (p *parser) number(name, raw string, low, high int) int {
	text := textOf(name, raw)
	n, problem := decimal(text, low, high)
	if problem != "" {
		p.fault(name, text, problem, fmt.Sprintf("set it to a number from %d to %d, e.g. %s=%s", low, high, name, presetOf(name)))
	}
	return n
}

var digits = regexp.MustCompile(`^[0-9]+$`)

// decimal is strict: 010 is eight to some readers and ten to others, so it is refused.
func decimal(text string, low, high int) (n int, problem string) {
	if !digits.MatchString(text) {
		return 0, "not a decimal number"
	}
	if len(text) > 1 && text[0] == '0' {
		return 0, "written with a leading zero, which some take for octal"
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		return 0, fmt.Sprintf("not in %d..%d", low, high)
	}
	return n, ""
}

func (p *parser) duration(name, raw string, low, high time.Duration) time.Duration {
	text := textOf(name, raw)
	d, err := time.ParseDuration(text)
	switch {
	case text != "0" && digits.MatchString(text):
		p.fault(name, text, "a duration without a unit", fmt.Sprintf("write %s=%ss for seconds or %s=%sms for milliseconds", name, text, name, text))
		return 0
	case err != nil:
		p.fault(name, text, "not a duration", fmt.Sprintf("write a number and its unit, e.g. %s=%s", name, presetOf(name)))
		return 0
	case d < low || d > high:
		p.fault(name, text, fmt.Sprintf("not in %s..%s", short(low), short(high)), fmt.Sprintf("set it within, e.g. %s=%s", name, presetOf(name)))
		return 0
	}
	return d
}

// short is d without the zeros that time.Duration writes: 1m, not 1m0s.
func short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	return text
}

func (p *parser) choice(name, raw string, options ...string) string {
	text := textOf(name, raw)
	if i := slices.IndexFunc(options, func(o string) bool { return strings.EqualFold(o, text) }); i >= 0 {
		return options[i]
	}
	p.fault(name, text, "unknown value", "choose one of "+strings.Join(options, ", "))
	return ""
}

var clusterName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

func (p *parser) cluster(raw string) string {
	text := textOf("SWIM_CLUSTER", raw)
	if !clusterName.MatchString(text) {
		p.fault("SWIM_CLUSTER", text, "not a cluster name", "use 1 to 64 letters, digits, dots, underscores and hyphens, e.g. SWIM_CLUSTER=swim")
	}
	return text
}

func (p *parser) zone(raw string) string {
	text := textOf("SWIM_ZONE", raw)
	if len(text) > 64 || !printable(text) {
		p.fault("SWIM_ZONE", text, "too long or not printable", "use at most 64 bytes of printable text, e.g. SWIM_ZONE=eu-1a")
	}
	return text
}

func (p *parser) tags(raw string) map[string]string {
	var tags map[string]string
	for _, entry := range entries(raw) {
		key, value, found := strings.Cut(entry, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		_, twice := tags[key]
		switch {
		case !found:
			p.fault("SWIM_TAGS", entry, "has no value", "write key=value, separated by commas, e.g. SWIM_TAGS=role=db,rack=7")
		case key == "" || len(key) > 64 || !printable(key):
			p.fault("SWIM_TAGS", entry, "its key is empty, too long or not printable", "use 1 to 64 bytes of printable text before the =")
		case len(value) > 256 || !printable(value):
			p.fault("SWIM_TAGS", entry, "its value is too long or not printable", "use at most 256 bytes of printable text after the =")
		case twice:
			p.fault("SWIM_TAGS", entry, "a second value for this key", "keep one of the two")
		default:
			if tags == nil {
				tags = make(map[string]string)
			}
			tags[key] = value
		}
	}
	if len(tags) > 32 {
		p.fault("SWIM_TAGS", "", fmt.Sprintf("has %d tags", len(tags)), "keep at most 32")
	}
	return tags
}

// printable text can be sent as a proto3 string and cannot break a log line or a table.
func printable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}
