package config

import (
	"fmt"
	"strings"
)

// Fault is one thing that is wrong with one variable, and how to mend it.
type Fault struct {
	Variable string
	// Value as found, without the blanks around it; for a list only the entry at fault.
	// Empty when there is none, or when it must not be shown.
	Value   string
	Problem string
	Cure    string
}

// maxShown is how many bytes of a value are repeated in a fault.
const maxShown = 120

func (f Fault) String() string {
	if f.Value == "" {
		return fmt.Sprintf("%s: %s; %s", f.Variable, f.Problem, f.Cure)
	}
	value, more := f.Value, ""
	if len(value) > maxShown {
		value, more = value[:maxShown], "..."
	}
	return fmt.Sprintf("%s=%q%s: %s; %s", f.Variable, value, more, f.Problem, f.Cure)
}

// Faults is the error of this package: everything that is wrong, one fault per line. A
// daemon that gets it prints it and exits with code 2.
type Faults []Fault

func (f Faults) Error() string {
	var b strings.Builder
	plural := "s"
	if len(f) == 1 {
		plural = ""
	}
	fmt.Fprintf(&b, "configuration: %d fault%s", len(f), plural)
	for _, fault := range f {
		b.WriteString("\n  " + fault.String())
	}
	return b.String()
}
