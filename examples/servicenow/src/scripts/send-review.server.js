(function executeRule(current, previous) {
    new WfmGateway().enqueue(current, current.operation());
})(current, previous);
