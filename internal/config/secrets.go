package config

import "slices"

// SecretsIn returns the names of the settings in a file of settings that contain a secret; none
// if the file does not exist.
func SecretsIn(path string) (names []string, err error) {
	if path == "" {
		return nil, nil
	}
	values, err := readEnvFile(path, false)
	if err != nil {
		return nil, err
	}
	for _, k := range Keys() {
		if k.Secret && values[k.Name] != "" {
			names = append(names, k.Name)
		}
	}
	slices.Sort(names)
	return names, nil
}
