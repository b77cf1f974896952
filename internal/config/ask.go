package config

import (
	"bufio"
	"fmt"
	"os"

	"golang.org/x/term"
)

// AskAtTerminal returns a function that asks a person, for Load; or nil when nobody would
// see the question or could answer it: both stdin and stderr have to be a terminal.
func AskAtTerminal() func(prompt string) (string, error) {
	if !term.IsTerminal(int(os.Stdin.Fd())) || !term.IsTerminal(int(os.Stderr.Fd())) {
		return nil
	}
	answers := bufio.NewReader(os.Stdin)
	return func(prompt string) (string, error) {
		fmt.Fprint(os.Stderr, prompt)
		return answers.ReadString('\n')
	}
}
