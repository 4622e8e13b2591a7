/// What the shell scripts of the servers' tests begin with.
enum ServerScript {
    static let prelude = """
        ip link set lo up; cp $P $D/portwatch; P=$D/portwatch; cd $D
        # serve NAME ARGUMENT...: a server in the background; $NAME is its process.
        serve() {
            local name=$1; shift; rm -f $name.out
            "$P" serve "$@" >$name.out 2>$name.err & eval "$name=$!"
            until grep -q "^listening on" $name.out; do kill -0 $!; sleep 0.01; done
        }
        # finish PROCESS: ends it by SIGTERM, which is success.
        finish() { kill -TERM $1; wait $1 || { echo "status $?"; cat *.err; }; }

        """
}
