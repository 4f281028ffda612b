-- Sends pushes, each with content and a delivery id of its own, signed beforehand.
--
-- args: BODY SIGNATURES PATH MEAN_PAUSE_MS
-- BODY is a template in which forty '@' stand for the commit; a line of SIGNATURES is a commit, a space, and the
-- hexadecimal HMAC of the body with that commit. A pause above 0 is drawn before each request (exponential).

local pieces, commits, macs, head, sent = {}, {}, {}, "", 0
local placeholder = ("@"):rep(40)

local function read(path)
    local file = assert(io.open(path, "rb"))
    local text = file:read("*a")
    file:close()
    return text
end

function init(args)
    local body = read(args[1])
    local start = 1
    while true do
        local found, last = body:find(placeholder, start, true)
        pieces[#pieces + 1] = body:sub(start, (found or 0) - 1)
        if not found then break end
        start = last + 1
    end
    for commit, mac in read(args[2]):gmatch("(%x+) (%x+)\n") do
        commits[#commits + 1] = commit
        macs[#macs + 1] = mac
    end
    local mean = tonumber(args[4])
    if mean > 0 then
        math.randomseed(os.time())
        delay = function() return math.floor(-math.log(1 - math.random()) * mean + 0.5) end
    end
    -- What GitHub sends.
    head = table.concat({
        "POST " .. args[3] .. " HTTP/1.1", "Host: bot.example.com", "User-Agent: GitHub-Hookshot/044aadd",
        "Accept: */*", "Content-Type: application/json", "X-GitHub-Event: push", "X-GitHub-Hook-ID: 292430182",
        "X-GitHub-Hook-Installation-Target-ID: 79929171", "X-GitHub-Hook-Installation-Target-Type: repository",
        "Content-Length: " .. #body, "X-GitHub-Delivery: ",
    }, "\r\n")
end

function request()
    sent = sent + 1
    local commit, mac = commits[sent], macs[sent]
    -- A second one would be a duplicate, and that is less work.
    if not commit then error("there are too few signatures: " .. #commits) end
    local id = ("%s-%s-%s-%s-%s"):format(
        commit:sub(1, 8), commit:sub(9, 12), commit:sub(13, 16), commit:sub(17, 20), commit:sub(21, 32))
    return head .. id .. "\r\nX-Hub-Signature-256: sha256=" .. mac .. "\r\n\r\n" .. table.concat(pieces, commit)
end

function done(summary, latency)
    local errors = summary.errors
    io.write(("RESULT %d %d %d %d %d %d %d %d\n"):format(
        summary.duration, summary.requests, errors.status, errors.connect + errors.read + errors.write, errors.timeout,
        latency:percentile(50), latency:percentile(99), latency.max))
end
