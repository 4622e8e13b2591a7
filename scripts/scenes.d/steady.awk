# Makes the text of a scene the same each time it is played: times, process numbers, the ports that the
# kernel chose, and what of an IP header is never twice the same. What is wrapped, for a longer number or a
# shorter one, is put together again.

# The name that a number has here: by the order in which they come.
function named(number, names, prefix) {
    if (!(number in names)) names[number] = prefix (++count[prefix])
    return names[number]
}

# Replaces each match of `pattern` whose number lies between `least` and `most`.
function rename(line, pattern, names, prefix, least, most,    done, found, number) {
    done = ""
    while (match(line, pattern)) {
        found = substr(line, RSTART, RLENGTH)
        number = found
        gsub(/[^0-9]/, "", number)
        if (number + 0 >= least && number + 0 <= most) sub(number, named(number, names, prefix), found)
        done = done substr(line, 1, RSTART - 1) found
        line = substr(line, RSTART + RLENGTH)
    }
    return done line
}

function flush() {
    if (!has) return
    line = pending
    gsub(/ +/, " ", line)
    gsub(/[0-9]+\.[0-9][0-9][0-9][0-9][0-9][0-9]/, "TIME", line)
    line = rename(line, "\\[[0-9]+\\]", processes, "pid", 2, 99999999)
    line = rename(line, "fork\\(\\) = [0-9]+", processes, "pid", 2, 99999999)
    line = rename(line, ":[0-9][0-9][0-9][0-9][0-9]", ports, "port", 32768, 60999)
    line = rename(line, "chose [0-9][0-9][0-9][0-9][0-9]", ports, "port", 32768, 60999)
    line = rename(line, "port [0-9][0-9][0-9][0-9][0-9]", ports, "port", 32768, 60999)
    if (line ~ /IPv4 45/) {
        # Identification and header checksum.
        split(line, word, " ")
        line = " IPv4"
        for (i = 2; i <= 21; i++) line = line " " (i == 6 || i == 7 || i == 12 || i == 13 ? ".." : word[i])
    }
    print line
}

/^          / && has { pending = pending " " $0; next }
{ flush(); pending = $0; has = 1 }
END { flush() }
