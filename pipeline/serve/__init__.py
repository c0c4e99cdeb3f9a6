"""The web desk: where people look, compare and decide. `hebao serve x.db` opens it on loopback.

Pages are made on the server and can be read without JavaScript. Reading goes through a connection that cannot write;
verdicts and corrections are the only rows that the desk itself writes; a batch runs in a process of its own.

    app         the desk as an ASGI application
    security    who may ask: Host, Origin, the token of this start, the headers of every answer
    view        request → words, read connection, template → answer
    archive     档案台 documents, search, batches       desk         核查台 leads, evidence, verdicts
    ledger      指标库 claims and their corrections      comparison   比较台 coverage and charts
    report      报告 one report as outline and text      pages        pictures of PDF pages
"""
